@NullMarked
package dev.sheaf.compaction;

import org.jspecify.annotations.NullMarked;
