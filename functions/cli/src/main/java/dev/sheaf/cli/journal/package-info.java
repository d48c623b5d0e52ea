/** {@code sheaf journal}: looks into a bucket's journals, and writes to them. */
@NullMarked
package dev.sheaf.cli.journal;

import org.jspecify.annotations.NullMarked;
