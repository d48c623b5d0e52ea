/**
 * What a site keeps in its own journals: how much it does a day, and which keys it has written
 * lately.
 *
 * <p>Functions collect both in a {@link dev.sheaf.journal.site.SiteActivity} and hand it to a
 * {@link dev.sheaf.journal.site.SiteJournal} once, at the end of an invocation: one PUT at most.
 * {@link dev.sheaf.journal.site.SiteCounters} reads the one, {@link
 * dev.sheaf.journal.site.KnownPresent} keeps and reads the other.
 *
 * <p>Neither is needed for anything to be right. A count may miss what a function did right before
 * it died; a key that is not known to be present has to be asked for.
 */
@NullMarked
package dev.sheaf.journal.site;

import org.jspecify.annotations.NullMarked;
