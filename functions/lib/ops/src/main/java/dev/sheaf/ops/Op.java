package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;

/**
 * One operation: what one transaction of one site did to records of one table.
 *
 * @param ulid its name; later ops of a site have greater ones
 * @param host base URL of the site that made it, lower case, without a slash at its end
 * @param action {@code create}, {@code update}, {@code delete}; as it came, known or not
 * @param table the table of the records, as it came
 * @param data the records, each an object
 * @param isTransient whether it is only passed on and never kept
 */
public record Op(
    Ulid ulid, String host, String action, String table, ArrayNode data, boolean isTransient) {}
