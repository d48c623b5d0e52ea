@NullMarked
package dev.sheaf.cli.pages;

import org.jspecify.annotations.NullMarked;
