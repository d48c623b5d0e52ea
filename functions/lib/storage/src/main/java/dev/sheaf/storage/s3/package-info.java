/** The object store on S3. */
@NullMarked
package dev.sheaf.storage.s3;

import org.jspecify.annotations.NullMarked;
