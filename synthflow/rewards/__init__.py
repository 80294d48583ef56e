"""What is good about one prediction."""
