# Flags are probed, one by one, with warnings as errors, and collected in
# RESPTAP_CFLAGS and RESPTAP_LDFLAGS, which leaves CFLAGS to the user.

# RESPTAP_TRY_CFLAGS(FLAGS): each that the compiler takes goes to RESPTAP_CFLAGS
AC_DEFUN([RESPTAP_TRY_CFLAGS], [
for resptap_flag in $1; do
	AC_MSG_CHECKING([whether $CC takes $resptap_flag])
	resptap_saved=$CFLAGS
	CFLAGS="$CFLAGS $RESPTAP_CFLAGS -Werror $resptap_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[]])],
	    [AC_MSG_RESULT([yes])
	     RESPTAP_CFLAGS="$RESPTAP_CFLAGS $resptap_flag"],
	    [AC_MSG_RESULT([no])])
	CFLAGS=$resptap_saved
done])

# RESPTAP_TRY_LDFLAGS(FLAGS): the same for the linker and RESPTAP_LDFLAGS
AC_DEFUN([RESPTAP_TRY_LDFLAGS], [
for resptap_flag in $1; do
	AC_MSG_CHECKING([whether the linker takes $resptap_flag])
	resptap_saved=$LDFLAGS
	resptap_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS $RESPTAP_CFLAGS"
	LDFLAGS="$LDFLAGS $RESPTAP_LDFLAGS $resptap_flag"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
	    [AC_MSG_RESULT([yes])
	     RESPTAP_LDFLAGS="$RESPTAP_LDFLAGS $resptap_flag"],
	    [AC_MSG_RESULT([no])])
	CFLAGS=$resptap_saved_cflags
	LDFLAGS=$resptap_saved
done])

AC_DEFUN([RESPTAP_REQUIRE_C11], [
AC_MSG_CHECKING([whether $CC speaks C11])
AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if __STDC_VERSION__ < 201112L
#error "C11 is needed"
#endif
]])], [AC_MSG_RESULT([yes])],
    [AC_MSG_ERROR([resptap needs a C11 compiler, such as gcc or clang])])])

AC_DEFUN([RESPTAP_WARNINGS], [
RESPTAP_TRY_CFLAGS([-Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual \
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
    -Wwrite-strings -Wconversion -Wno-sign-conversion -Wundef -Wvla \
    -Wformat=2 -Wimplicit-fallthrough])])

# A level of _FORTIFY_SOURCE that the C library does not know is a warning there.
AC_DEFUN([RESPTAP_HARDENING], [
RESPTAP_TRY_CFLAGS([-fstack-protector-strong -fstack-clash-protection \
    -fcf-protection=full -ftrivial-auto-var-init=zero -fPIE])
AS_CASE(["$CFLAGS"], [*-O0*|*_FORTIFY_SOURCE*], [], [*-O*], [
    RESPTAP_TRY_CFLAGS([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3])
    AS_CASE(["$RESPTAP_CFLAGS"], [*_FORTIFY_SOURCE=3*], [],
	[RESPTAP_TRY_CFLAGS([-D_FORTIFY_SOURCE=2])])])
RESPTAP_TRY_LDFLAGS([-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
RESPTAP_CONTROL_FLOW])

# RESPTAP_CONTROL_FLOW: the linker marks a program for IBT and SHSTK only if all
# objects in it are; the C library's own start files may not be.  To mark it by
# force would be a lie that ends it where the processor checks.
AC_DEFUN([RESPTAP_CONTROL_FLOW], [
AC_MSG_CHECKING([whether programs are marked for IBT and SHSTK])
AS_CASE(["$RESPTAP_CFLAGS"], [*-fcf-protection*], [
    resptap_saved=$LDFLAGS
    resptap_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS $RESPTAP_CFLAGS"
    LDFLAGS="$LDFLAGS $RESPTAP_LDFLAGS -Wl,-z,cet-report=error"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
	[resptap_control_flow=yes],
	[resptap_control_flow="objects only, because the C library's \
start files are not"])
    LDFLAGS=$resptap_saved
    CFLAGS=$resptap_saved_cflags],
    [resptap_control_flow=no])
AC_MSG_RESULT([$resptap_control_flow])])

# RESPTAP_SANITIZER(LIST): a build that was asked for one must have it
AC_DEFUN([RESPTAP_SANITIZER], [
RESPTAP_CFLAGS="$RESPTAP_CFLAGS -fsanitize=$1 -fno-omit-frame-pointer"
RESPTAP_CFLAGS="$RESPTAP_CFLAGS -fno-sanitize-recover=all"
RESPTAP_LDFLAGS="$RESPTAP_LDFLAGS -fsanitize=$1"
AC_MSG_CHECKING([whether programs run with -fsanitize=$1])
resptap_saved=$CFLAGS
CFLAGS="$CFLAGS $RESPTAP_CFLAGS"
AC_RUN_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])],
    [AC_MSG_ERROR([$CC cannot build with -fsanitize=$1])],
    [AC_MSG_RESULT([not known when cross-compiling])])
CFLAGS=$resptap_saved])
