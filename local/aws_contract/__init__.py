"""What AWS documents of each call that the product makes, and the checks that hold the product to it."""
