"""Objects: content of files and raw mails, outside of the database, in a folder or a bucket of S3."""
