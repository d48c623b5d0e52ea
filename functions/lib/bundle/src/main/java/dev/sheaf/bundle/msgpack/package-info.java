/**
 * MessagePack as a bundle uses it: nil, booleans, integers, floats, UTF-8 strings, binary, arrays
 * and maps with string keys. Extension types and any other key are refused. {@link
 * dev.sheaf.bundle.msgpack.Msgpack} turns small bodies into plain Java values and back; {@link
 * dev.sheaf.bundle.msgpack.MsgpackReader} and {@link dev.sheaf.bundle.msgpack.MsgpackWriter}
 * stream.
 */
@NullMarked
package dev.sheaf.bundle.msgpack;

import org.jspecify.annotations.NullMarked;
