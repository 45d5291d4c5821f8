/* SPDX-License-Identifier: Apache-2.0 */
int auth_service_main(int argc, char **argv);

int main(int argc, char **argv) {
    return auth_service_main(argc, argv);
}
