"""What machines read about the site: linked data, tags and links in each page, and files beside the pages."""
