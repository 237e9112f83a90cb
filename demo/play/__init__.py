"""The acts of the play, in order. Each goes through the operations and commits when it is done."""
