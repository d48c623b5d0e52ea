@NullMarked
package dev.sheaf.localstack.embedded;

import org.jspecify.annotations.NullMarked;
