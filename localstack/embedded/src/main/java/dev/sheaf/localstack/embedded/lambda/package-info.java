/**
 * Runs the very handlers of functions/ as Lambda runs them: real event JSON through AWS's own
 * serialization, a context that counts down, one invocation at a time per instance, and the limits.
 */
@NullMarked
package dev.sheaf.localstack.embedded.lambda;

import org.jspecify.annotations.NullMarked;
