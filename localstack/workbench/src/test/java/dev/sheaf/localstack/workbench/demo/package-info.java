@NullMarked
package dev.sheaf.localstack.workbench.demo;

import org.jspecify.annotations.NullMarked;
