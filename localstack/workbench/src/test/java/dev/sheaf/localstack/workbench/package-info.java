@NullMarked
package dev.sheaf.localstack.workbench;

import org.jspecify.annotations.NullMarked;
