/**
 * The main job from end to end in one process: {@link
 * dev.sheaf.localstack.workbench.demo.DemoCommand} starts a whole site, pushes a git repository,
 * clones it back both ways and compares everything.
 */
@NullMarked
package dev.sheaf.localstack.workbench.demo;

import org.jspecify.annotations.NullMarked;
