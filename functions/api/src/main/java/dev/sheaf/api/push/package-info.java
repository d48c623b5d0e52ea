/** The routes of a push: presign an upload, announce it. */
@NullMarked
package dev.sheaf.api.push;

import org.jspecify.annotations.NullMarked;
