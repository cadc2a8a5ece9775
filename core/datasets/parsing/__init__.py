"""What the limited child does: from hostile bytes to a table of strings. Nothing here runs in the pages' process."""
