"""The version that clients compare theirs with: DesterLib's wire, release 0.2."""

API_VERSION = "0.2.0"
