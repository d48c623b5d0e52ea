/** Measurements that can be repeated: {@code localstack/bench ...}. */
@NullMarked
package dev.sheaf.localstack.workbench.bench;

import org.jspecify.annotations.NullMarked;
