package dev.sheaf.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A store with the rights that a function has where it is deployed, and no others: those of its
 * role in the template that {@code infra} keeps. Neither the local servers nor LocalStack hold a
 * function to them.
 */
public final class GrantedObjectStore extends ForwardingObjectStore {
  private static final String TEMPLATE = "infra/src/test/resources/sheaf-main.template.json";

  private static final Map<String, Map<String, List<Pattern>>> ROLES = new ConcurrentHashMap<>();

  private final String role;
  private final Map<String, List<Pattern>> keys;

  private GrantedObjectStore(ObjectStore store, String role, Map<String, List<Pattern>> keys) {
    super(store);
    this.role = role;
    this.keys = keys;
  }

  /**
   * A store on which one may do what a role may.
   *
   * @param role what its name in the template begins with: {@code RepairRole}
   */
  public static GrantedObjectStore of(ObjectStore store, String role) {
    return new GrantedObjectStore(
        store, role, ROLES.computeIfAbsent(role, GrantedObjectStore::granted));
  }

  private static Map<String, List<Pattern>> granted(String role) {
    Map<String, List<Pattern>> keys = new HashMap<>();
    for (JsonNode resource : template().path("Resources")) {
      if (resource.path("Type").asText().equals("AWS::IAM::Policy")
          && resource.at("/Properties/Roles/0/Ref").asText().startsWith(role)) {
        resource
            .at("/Properties/PolicyDocument/Statement")
            .forEach(statement -> add(keys, statement));
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no role of " + TEMPLATE + " begins with " + role);
    }
    return keys;
  }

  private static JsonNode template() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve(TEMPLATE))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException(
            "no " + TEMPLATE + " above " + Path.of("").toAbsolutePath());
      }
    }
    try {
      return new ObjectMapper().readTree(folder.resolve(TEMPLATE).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(Map<String, List<Pattern>> keys, JsonNode statement) {
    for (JsonNode action : each(statement.path("Action"))) {
      for (JsonNode resource : each(statement.path("Resource"))) {
        if (action.asText().startsWith("s3:")) {
          keys.computeIfAbsent(action.asText(), _ -> new ArrayList<>()).add(pattern(resource));
        }
      }
    }
  }

  private static Iterable<JsonNode> each(JsonNode node) {
    return node.isArray() ? node : List.of(node);
  }

  /** Of the ARN of keys what follows the bucket's; of the bucket's own nothing. */
  private static Pattern pattern(JsonNode resource) {
    String path = resource.at("/Fn::Join/1/1").asText();
    String key = path.startsWith("/") ? path.substring(1) : path;
    return Pattern.compile(
        Arrays.stream(key.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }

  private void require(String action, String key) {
    if (keys.getOrDefault(action, List.of()).stream()
        .noneMatch(pattern -> pattern.matcher(key).matches())) {
      throw new SheafException(
          ErrorKind.SITE, "403 AccessDenied: %s may not %s '%s'".formatted(role, action, key));
    }
  }

  @Override
  public void requireBucket() {
    require("s3:ListBucket", "");
    next.requireBucket();
  }

  /** Whoever names an ETag is told by the answer whether it is there: that is reading, too. */
  @Override
  public PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    require("s3:PutObject", key);
    if (condition instanceof Condition.IfMatch) {
      require("s3:GetObject", key);
    }
    return next.put(key, body, sha256, condition, contentType);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    require("s3:GetObject", key);
    return next.get(key, read);
  }

  @Override
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    require("s3:GetObject", key);
    return next.getIntoMemory(key, unlessEtag);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    require("s3:GetObject", key);
    return next.head(key);
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    require("s3:ListBucket", "");
    return next.list(prefix, delimiter, continuation);
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    require("s3:ListBucket", "");
    return next.listAfter(prefix, startAfter);
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    require("s3:DeleteObject", key);
    require("s3:GetObject", key);
    return next.deleteIf(key, etag);
  }

  @Override
  public Map<String, String> delete(Collection<String> deleted) {
    deleted.forEach(key -> require("s3:DeleteObject", key));
    return next.delete(deleted);
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    require("s3:GetObject", key);
    return next.presignGet(key, lifetime);
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    require("s3:PutObject", key);
    return next.presignPut(key, sha256, size, lifetime);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    require("s3:PutObject", key);
    return next.presignUpload(key, lifetime);
  }
}
