"""A backup: everything that can't be made again, in one archive that either kind of database can be restored from."""
