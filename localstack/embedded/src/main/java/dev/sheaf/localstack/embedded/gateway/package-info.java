/**
 * API Gateway's REST API with one {@code {proxy+}} resource: HTTP requests become proxy events for
 * a function, and its answers HTTP responses, with the gateway's own limits and oddities.
 */
@NullMarked
package dev.sheaf.localstack.embedded.gateway;

import org.jspecify.annotations.NullMarked;
