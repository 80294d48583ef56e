"""What can be wired into a program."""
