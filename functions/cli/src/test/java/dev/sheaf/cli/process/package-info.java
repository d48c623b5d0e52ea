/** Tests of what reaches terminals, pipes and files. */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
