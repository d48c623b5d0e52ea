@NullMarked
package dev.sheaf.localstack.servers;

import org.jspecify.annotations.NullMarked;
