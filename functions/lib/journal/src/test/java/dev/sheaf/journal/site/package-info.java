@NullMarked
package dev.sheaf.journal.site;

import org.jspecify.annotations.NullMarked;
