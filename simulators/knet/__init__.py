"""A payment page that behaves on the wire as KNET's does, with its faults."""
