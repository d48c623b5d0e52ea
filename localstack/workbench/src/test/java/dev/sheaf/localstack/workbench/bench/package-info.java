@NullMarked
package dev.sheaf.localstack.workbench.bench;

import org.jspecify.annotations.NullMarked;
