"""What is done to the people of an organisation: departments, posts, who stands in for whom, handing over."""
