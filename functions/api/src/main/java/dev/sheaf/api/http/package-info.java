/**
 * HTTP without a gateway: requests, replies, routes, content negotiation and errors. Knows neither
 * Lambda nor repositories.
 */
@NullMarked
package dev.sheaf.api.http;

import org.jspecify.annotations.NullMarked;
