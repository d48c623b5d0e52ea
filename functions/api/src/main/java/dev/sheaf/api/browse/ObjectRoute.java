package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.ByteRange;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code GET /objects/{id}}: the bytes of one object, if the repository has it. They never change,
 * so every answer may be kept for ever.
 */
public final class ObjectRoute {
  private static final String BYTES = "application/octet-stream";

  private final RepositoryObjects objects;
  private final Supplier<GitBrowseRoutes> git;

  /**
   * @param git answers for git repositories
   */
  public ObjectRoute(RepositoryObjects objects, Supplier<GitBrowseRoutes> git) {
    this.objects = objects;
    this.git = git;
  }

  /**
   * Answers the bytes (200), the part that {@code Range} asks for (206), nothing when {@code
   * If-None-Match} names the object (304), or where to get more than a function may send (307).
   */
  public Reply answer(RepoCall call) {
    if (call.repo().kind() == Repo.Kind.GIT) {
      return git.get().object(call);
    }
    ContentId id = ContentId.parse(call.hole("id"));
    Location location =
        objects
            .locate(call.repo().repoId(), id)
            .orElseThrow(() ->
                HttpFailure.notFound(
                    "object_not_found",
                    "object " + id.prefixed() + " not found in " + call.repoName()));
    Reply reply = reply(call.request(), location);
    return reply.status() == 307 ? reply : immutable(reply, call, location);
  }

  private Reply reply(Request request, Location location) {
    if (namesEtag(request, etag(location))) {
      return Reply.empty(304);
    }
    if (request.isHead()) {
      return Reply.empty(200).with("Content-Type", BYTES);
    }
    Optional<ByteRange> part = ByteRange.of(request, location.sizeBytes(), etag(location));
    long length = part.map(ByteRange::length).orElse(location.sizeBytes());
    if (length > GatewayLimits.INLINE_BYTES) {
      return objects
          .presign(location, PresignRoute.LIFETIME)
          .map(Reply::redirect)
          .orElseThrow(() -> new IllegalStateException("large content in the catalog"));
    }
    Content content = read(location, part.map(ByteRange::offset).orElse(0L), (int) length);
    return part.map(range ->
            Reply.raw(206, content, BYTES)
                .with("Content-Range", range.contentRange(location.sizeBytes())))
        .orElseGet(() -> Reply.raw(200, content, BYTES));
  }

  private Content read(Location location, long offset, int length) {
    if (length == 0) {
      return Content.of(new byte[0]);
    }
    try (InputStream in = objects.open(location, offset, length)) {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new IOException("it ended after " + bytes.length + " of " + length + " bytes");
      }
      return Content.of(bytes);
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "reading object " + location.id().prefixed() + " broke off; try again",
          e);
    }
  }

  private static Reply immutable(Reply reply, RepoCall call, Location location) {
    String who = call.repo().isPublic() ? "public" : "private";
    return reply
        .with("ETag", etag(location))
        .with("Cache-Control", who + ", max-age=31536000, immutable")
        .with("Accept-Ranges", "bytes")
        .with("Sheaf-Object-Size", Long.toString(location.sizeBytes()));
  }

  private static String etag(Location location) {
    return '"' + location.id().hex() + '"';
  }

  private static boolean namesEtag(Request request, String etag) {
    String header = request.header("If-None-Match").orElse("");
    return Arrays.stream(header.split(",", -1))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
  }
}
