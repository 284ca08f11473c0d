package oracle;

import java.lang.reflect.Constructor;

/**
 * What differs between the versions of Flink that the oracle can be built with: 2.x has buffers of a
 * starting size, 1.20 has not, so some constructors have an argument less and some values no getter.
 */
public final class Version {
    /** As in "2.2.0"; the build writes it into the manifest. */
    public static final String FLINK = Version.class.getPackage().getImplementationVersion();

    public static final boolean HAS_STARTING_SIZE = !FLINK.startsWith("1.");

    /** Calls the constructor, without the argument at {@code starting} where it has one less. */
    public static <T> T make(Class<T> type, int starting, Object... args) {
        for (Constructor<?> c : type.getDeclaredConstructors()) {
            int left = args.length - c.getParameterCount();
            if (left != (HAS_STARTING_SIZE ? 0 : 1)) {
                continue;
            }
            Object[] given = new Object[c.getParameterCount()];
            for (int i = 0; i < given.length; i++) {
                given[i] = args[i < starting ? i : i + left];
            }
            try {
                c.setAccessible(true);
                return type.cast(c.newInstance(given));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("no such constructor of " + type);
    }

    /** A value by the getter that this version has; 0 where it has none of them. */
    public static Object get(Object of, String... getters) {
        for (String getter : getters) {
            try {
                return of.getClass().getMethod(getter).invoke(of);
            } catch (NoSuchMethodException e) {
                // another version's
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return 0;
    }

    private Version() {}
}
