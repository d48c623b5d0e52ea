/**
 * What is said of the commands outside of the program: pages of the manual and completion of what
 * is typed. All of it is made from the commands themselves.
 */
@NullMarked
package dev.sheaf.cli.pages;

import org.jspecify.annotations.NullMarked;
