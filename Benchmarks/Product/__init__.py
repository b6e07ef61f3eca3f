"""What is measured of the product as a whole: a server started, asked and stopped."""
