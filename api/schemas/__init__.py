"""The objects of the wire that clients read. ``api.present`` makes them; what clients send is in ``api.inputs``."""
