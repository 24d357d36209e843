"""The commands, one file a family. Each is thin: parse, call one thing, print."""
