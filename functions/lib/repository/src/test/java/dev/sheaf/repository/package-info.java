@NullMarked
package dev.sheaf.repository;

import org.jspecify.annotations.NullMarked;
