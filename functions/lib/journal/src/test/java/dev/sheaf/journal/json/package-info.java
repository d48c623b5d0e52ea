@NullMarked
package dev.sheaf.journal.json;

import org.jspecify.annotations.NullMarked;
