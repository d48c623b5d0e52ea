/** {@code sheaf repair}: what the function repair does, by hand, on the site of the variables. */
@NullMarked
package dev.sheaf.cli.repair;

import org.jspecify.annotations.NullMarked;
