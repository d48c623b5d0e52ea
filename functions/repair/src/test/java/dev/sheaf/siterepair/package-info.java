@NullMarked
package dev.sheaf.siterepair;

import org.jspecify.annotations.NullMarked;
