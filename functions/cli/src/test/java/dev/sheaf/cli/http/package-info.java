@NullMarked
package dev.sheaf.cli.http;

import org.jspecify.annotations.NullMarked;
