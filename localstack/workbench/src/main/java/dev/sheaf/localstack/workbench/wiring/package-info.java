/** Where the workbench meets the real world. */
@NullMarked
package dev.sheaf.localstack.workbench.wiring;

import org.jspecify.annotations.NullMarked;
