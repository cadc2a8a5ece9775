"""Frozen records that flow through every module. They import nothing of ours and check themselves once, at birth."""
