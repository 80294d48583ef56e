"""The kernel that every optimizer uses."""
