"""What `dester doctor` looks at, one module for each thing that may be ill."""
