@NullMarked
package dev.sheaf.storage.s3;

import org.jspecify.annotations.NullMarked;
