/** Measurements that can be repeated: {@code sheaf bench ...}. */
@NullMarked
package dev.sheaf.cli.bench;

import org.jspecify.annotations.NullMarked;
